// What obclip_get_* gives for each field, while which action waits.
#ifndef OBCLIP_SESSION_FIELDS_H
#define OBCLIP_SESSION_FIELDS_H

#include <optional>
#include <string>
#include <string_view>

#include "session/session.h"

namespace obclip {

// Nothing for a field that is not to be had now, and for an index out of range.
std::optional<std::string> text_field(const Session& session, int field, std::size_t index);
std::optional<std::string_view> bytes_field(const Session& session, int field);
std::optional<double> number_field(const Session& session, int field, std::size_t index);

// The ABI's number of a refusal, and the exit code of the reference's error of that class.
int refusal_number(Refusal refusal);
int exit_code(Refusal refusal);

}  // namespace obclip

#endif
