package org.obclip.edge

/** One input or output of a graph; a free dimension is [FREE]. */
internal data class TensorSpec(val name: String, val shape: List<Int>, val dtype: String) {
    companion object {
        const val FREE = -1
    }

    /** Its numbers in all, or `null` where a dimension is free. */
    val count: Int? get() = if (shape.any { it < 0 }) null else shape.fold(1) { product, n -> product * n }
}

/** One named way to call a graph, with tensors of its own shapes. */
internal data class SignatureSpec(val name: String, val inputs: List<TensorSpec>, val outputs: List<TensorSpec>)

/** One compiled graph of a bundle. */
internal data class GraphSpec(
    val role: String,
    val format: String,
    val precision: String,
    val file: String,
    val inputs: List<TensorSpec>,
    val outputs: List<TensorSpec>,
    val signatures: List<SignatureSpec>,
    val chunks: List<String>,
)

/** One file: its path inside the bundle, hex SHA-256, size in bytes. */
internal data class FileEntry(val path: String, val sha256: String, val bytes: Long)

/** `bundle.json`, read strictly (`obclip_contract/manifest.py`). [numbers]: what the core computes with, as written. */
internal class Manifest(
    val kind: String,
    val model: String,
    val graphs: List<GraphSpec>,
    val files: List<FileEntry>,
    val latentShape: List<Int>,
    val imageSize: Int,
    val scalingFactor: Double,
    val shiftFactor: Double,
    val tokenizerFile: String,
    val numbers: Map<String, String>,
    val pairSha256: String,
    val verified: Boolean,
    val unverified: List<String>,
) {
    companion object {
        const val MOST_BYTES = 4 * 1024 * 1024
        private const val VERSION = "1"

        fun read(bytes: ByteArray): Manifest {
            if (bytes.size > MOST_BYTES) throw BundleError("bundle.json is over $MOST_BYTES bytes")
            try {
                val fields = JsonReader.read(bytes) as? Json.Fields ?: throw JsonError("not an object")
                return Place(fields, "").use { read(it) }
            } catch (fault: JsonError) {
                throw BundleError("bundle.json: ${fault.message}; fetch or export the bundle again")
            }
        }

        private fun read(at: Place): Manifest {
            val version = at.digits("format_version", VERSION)
            if (version != VERSION) throw JsonError("format version ${version.take(20)}; this version reads $VERSION")
            val shape = at.items("latent_shape").map { it.whole("latent_shape", 1) }
            if (shape.size != 3) throw JsonError("latent_shape: not three numbers")
            val size = at.whole("image_size", 1)
            val numbers = sortedMapOf(
                "latent_channels" to "${shape[0]}", "latent_height" to "${shape[1]}", "latent_width" to "${shape[2]}",
                "image_size" to "$size", "model" to at.text("model"), "pair_sha256" to at.sha256("pair_sha256"),
                "scaling_factor" to at.digits("scaling_factor"),
                "shift_factor" to at.digits("shift_factor", "0.0"), "guidance_default" to at.digits("guidance_default", "5.0"),
            )
            // The schedule's and the tokenizer's names are the core's too, and the core checks their values.
            numbers += at.place("noise_schedule").use { it.plain() }
            val tokenizer = at.place("tokenizer").use { place ->
                for (name in listOf("max_length", "bos_id", "eos_id", "pad_id")) numbers[name] = "${place.whole(name)}"
                place.text("file")
            }
            at.either("sampler", Json.Null) // the core makes its own table from the schedule
            at.text("lexicon")
            at.map("licences")
            at.map("tools")
            val verified = at.flag("verified", true)
            val unverified = at.items("unverified", emptyList()).map { it.text("unverified") }
            if (verified && unverified.isNotEmpty()) throw JsonError("a verified bundle names no unverified graph")
            return Manifest(
                kind = at.text("kind").also { if (it != "edge" && it != "cloud") throw JsonError("kind: edge or cloud") },
                model = numbers.getValue("model"),
                graphs = at.items("graphs").map { graph(it.place("graphs")) },
                files = at.items("files", emptyList()).map { file(it.place("files")) },
                latentShape = shape,
                imageSize = size,
                scalingFactor = numbers.getValue("scaling_factor").toDouble(),
                shiftFactor = numbers.getValue("shift_factor").toDouble(),
                tokenizerFile = tokenizer,
                numbers = numbers,
                pairSha256 = numbers.getValue("pair_sha256"),
                verified = verified,
                unverified = unverified,
            )
        }

        private fun file(place: Place) = place.use {
            FileEntry(it.text("path"), it.sha256("sha256"), it.digits("bytes").toLongOrNull()?.takeIf { n -> n >= 0 }
                ?: throw JsonError("files.bytes: no size"))
        }

        private fun graph(place: Place) = place.use {
            GraphSpec(
                it.text("role"), it.text("format"), it.text("precision", "fp32"), it.text("file"), tensors(it, "inputs"),
                tensors(it, "outputs"),
                it.items("signatures", emptyList()).map { one ->
                    one.place("signatures").use { s -> SignatureSpec(s.text("name"), tensors(s, "inputs"), tensors(s, "outputs")) }
                },
                it.items("chunks", emptyList()).map { one -> one.text("chunks") },
            )
        }

        private fun tensors(place: Place, name: String) = place.items(name, emptyList()).map { one ->
            one.place(name).use {
                TensorSpec(it.text("name"), it.items("shape").map { n -> if (n is Json.Text) TensorSpec.FREE else n.whole("shape", 0) },
                    it.text("dtype"))
            }
        }
    }
}

/** The fields of one object; each is asked for once, and [use] refuses those that were not asked for. */
private class Place(fields: Json.Fields, private val where: String) {
    private val left = LinkedHashMap(fields.values)

    fun <T> use(read: (Place) -> T): T {
        val out = read(this)
        if (left.isNotEmpty()) throw JsonError("$where${left.keys.first().take(64)}: not a field of this version")
        return out
    }

    fun either(name: String, default: Json? = null): Json =
        left.remove(name) ?: default ?: throw JsonError("$where$name: is missing")

    fun text(name: String, default: String? = null) = either(name, default?.let { Json.Text(it) }).text("$where$name")
    fun whole(name: String, least: Int = 0) = either(name).whole("$where$name", least)
    fun items(name: String, default: List<Json>? = null): List<Json> =
        (either(name, default?.let { Json.Items(it) }) as? Json.Items)?.values ?: throw JsonError("$where$name: not a list")

    fun place(name: String) = either(name).place("$where$name")
    fun map(name: String) = (either(name, Json.Fields(emptyMap())) as? Json.Fields)?.values?.forEach { it.value.text("$where$name") }
        ?: throw JsonError("$where$name: not an object")

    fun flag(name: String, default: Boolean) =
        (either(name, Json.Flag(default)) as? Json.Flag)?.value ?: throw JsonError("$where$name: not true or false")

    fun digits(name: String, default: String? = null) =
        (either(name, default?.let { Json.Number(it) }) as? Json.Number)?.digits ?: throw JsonError("$where$name: not a number")

    fun sha256(name: String) = text(name).also {
        if (it.length != 64 || it.any { c -> c !in '0'..'9' && c !in 'a'..'f' }) throw JsonError("$where$name: no SHA-256")
    }

    /** All that is left, as the texts of plain values. */
    fun plain(): Map<String, String> = left.mapValues { (name, value) ->
        when (value) {
            is Json.Text -> value.value
            is Json.Number -> value.digits
            is Json.Flag -> "${value.value}"
            else -> throw JsonError("$where$name: not a plain value")
        }
    }.also { left.clear() }
}

private fun Json.text(where: String) = (this as? Json.Text)?.value ?: throw JsonError("$where: not a text")
private fun Json.whole(where: String, least: Int) =
    (this as? Json.Number)?.digits?.toIntOrNull()?.takeIf { it >= least } ?: throw JsonError("$where: not a whole number from $least")
private fun Json.place(where: String) = Place(this as? Json.Fields ?: throw JsonError("$where: not an object"), "$where.")
