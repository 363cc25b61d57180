import Foundation
import ObclipCore

/// What a session tells at its stops, as the SDK's types.
extension Session {
    func findings() throws -> [Finding] {
        try (0..<number(OBCLIP_FINDINGS)).map { i in
            let start = try number(OBCLIP_FINDING_START, i), end = try number(OBCLIP_FINDING_END, i)
            return Finding(
                axis: try text(OBCLIP_FINDING_AXIS, i), surface: try text(OBCLIP_FINDING_SURFACE, i),
                value: try text(OBCLIP_FINDING_VALUE, i), instead: try text(OBCLIP_FINDING_INSTEAD, i),
                slot: try text(OBCLIP_FINDING_SLOT, i), why: try text(OBCLIP_FINDING_WHY, i), range: start..<max(start, end))
        }
    }

    /// At "detected": what will be sent, or `nil`.
    func candidates() throws -> Candidates? {
        guard try number(OBCLIP_MEMBERS) > 0 else { return nil }
        return Candidates(
            template: try text(OBCLIP_TEMPLATE), axes: try texts(OBCLIP_AXIS, OBCLIP_AXES),
            members: try texts(OBCLIP_MEMBER, OBCLIP_MEMBERS), trueMember: try text(OBCLIP_TRUE_MEMBER),
            attributes: try (0..<number(OBCLIP_ATTRIBUTES)).map { i in
                Attribute(
                    axis: try text(OBCLIP_ATTRIBUTE_AXIS, i), surface: try text(OBCLIP_ATTRIBUTE_SURFACE, i),
                    value: try text(OBCLIP_ATTRIBUTE_VALUE, i))
            },
            mechanism: try text(OBCLIP_MECHANISM), guarantee: try text(OBCLIP_GUARANTEE), hints: try hints(),
            notes: try texts(OBCLIP_NOTE, OBCLIP_NOTES), epsilon: try optional(OBCLIP_EPSILON),
            epsilonSpent: try real(OBCLIP_EPSILON_SPENT), epsilonTotal: try optional(OBCLIP_EPSILON_TOTAL),
            bits: try real(OBCLIP_BITS), lexicon: try text(OBCLIP_LEXICON_VERSION), body: try data(OBCLIP_BODY),
            requestSha256: try text(OBCLIP_REQUEST_SHA256))
    }

    func hints() throws -> [Hint] {
        try (0..<number(OBCLIP_HINTS)).map { Hint(axis: try text(OBCLIP_HINT_AXIS, $0), words: try text(OBCLIP_HINT_WORDS, $0)) }
    }

    func request() throws -> CoreRequest {
        let headers = try (0..<number(OBCLIP_HEADERS)).map {
            (try text(OBCLIP_HEADER_NAME, $0), try text(OBCLIP_HEADER_VALUE, $0))
        }
        return CoreRequest(
            method: try text(OBCLIP_METHOD), path: try text(OBCLIP_PATH), headers: headers, body: try data(OBCLIP_BODY))
    }

    /// At "stopped": why there is no picture. `status`: of the cloud's last answer.
    func refusal(status: Int?) throws -> ObclipError {
        let message = try text(OBCLIP_MESSAGE)
        switch obclip_refusal(rawValue: UInt32(try number(OBCLIP_REFUSAL))) {
        case OBCLIP_PRIVACY: return .privacy(message)
        case OBCLIP_IMPLIED: return .implied(message, findings: [])
        case OBCLIP_LEDGER: return .ledger(message)
        case OBCLIP_BUDGET: return .budget(message)
        case OBCLIP_LEXICON: return .lexicon(message)
        case OBCLIP_BUNDLE: return .bundle(message)
        case OBCLIP_CLOUD:
            if let status, status != 200 { return .refused(message, status: status) }
            return .cloud(message)
        case OBCLIP_UNREACHABLE: return .unreachable(message)
        case OBCLIP_DEADLINE: return .deadline(message)
        case OBCLIP_LATENT: return .latent(message)
        case OBCLIP_RUNTIME: return .device(message)
        case OBCLIP_CANCELLED: return .stopped(message)
        default: return .input(message)
        }
    }

    func picture() throws -> Picture {
        Picture(width: try number(OBCLIP_WIDTH), height: try number(OBCLIP_HEIGHT), rgb: try data(OBCLIP_PIXELS))
    }
}

/// Fields of the request body that a receipt repeats.
struct SentFields: Decodable {
    let steps: Int
    let cloudSteps: Int
    let plan: String

    enum CodingKeys: String, CodingKey {
        case steps, plan
        case cloudSteps = "cloud_steps"
    }
}
