package org.obclip.edge

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.LinkOption
import java.security.MessageDigest

/**
 * An edge bundle on this device: a folder with `bundle.json` and the files that it names, each with its size and
 * SHA-256. [open] checks every one of them, so that nothing else is loaded.
 *
 * @property folder where it lies.
 * @property sha256 of its `bundle.json`, in lower case.
 */
public class EdgeBundle private constructor(public val folder: File, internal val manifest: Manifest, public val sha256: String) {
    /** The name of the model. */
    public val model: String get() = manifest.model

    /** Bytes of all files. */
    public val bytes: Long get() = manifest.files.sumOf { it.bytes }

    /** Width and height of a picture. */
    public val imageSize: Int get() = manifest.imageSize

    /** `false`: it was exported although its graphs differ from their source, or were never compared with it. */
    public val isVerified: Boolean get() = manifest.verified

    internal fun path(file: String): File = File(folder, file)

    internal fun graph(role: String, format: String): GraphSpec =
        manifest.graphs.firstOrNull { it.role == role && it.format == format }
            ?: throw BundleError("the bundle has no $role as .$format; export it again with that format")

    public companion object {
        internal const val MANIFEST: String = "bundle.json"

        /**
         * Open the bundle in [folder]. Reads every file: call it off the main thread ([ObclipPipeline.open] does).
         *
         * @param sha256 of `bundle.json`, from a trusted place: against somebody who can rewrite the whole folder.
         * @param progress is told the bytes that were checked, and of how many.
         * @throws BundleError no bundle, an altered, missing or extra file, or another `bundle.json` than [sha256].
         */
        public fun open(folder: File, sha256: String? = null, progress: (Long, Long) -> Unit = { _, _ -> }): EdgeBundle {
            try {
                val bundle = read(folder, sha256)
                bundle.check(progress)
                return bundle
            } catch (fault: IOException) {
                throw BundleError("the bundle cannot be read (${fault.javaClass.simpleName})")
            }
        }

        private fun read(folder: File, sha256: String?): EdgeBundle {
            val path = File(folder, MANIFEST)
            if (!isPlain(path)) throw BundleError("there is no bundle: $MANIFEST is missing or not a plain file")
            if (path.length() > Manifest.MOST_BYTES) throw BundleError("$MANIFEST is over ${Manifest.MOST_BYTES} bytes")
            val bytes = path.readBytes()
            val hash = hex(MessageDigest.getInstance("SHA-256").digest(bytes))
            if (sha256 != null && !sha256.equals(hash, ignoreCase = true)) {
                throw BundleError("$MANIFEST is not the pinned one: fetch the bundle again")
            }
            val manifest = Manifest.read(bytes)
            if (manifest.kind != "edge") throw BundleError("this is the ${manifest.kind} bundle; the edge bundle is needed here")
            checkPaths(manifest)
            return EdgeBundle(folder, manifest, hash)
        }

        internal fun checkPaths(manifest: Manifest) {
            val named = manifest.files.map { it.path }
            val references = listOf(manifest.tokenizerFile) + manifest.graphs.flatMap { g -> g.chunks + g.file }.map { it.trimEnd('/') }
            for (path in named + references) {
                if (!isInside(path)) throw BundleError("$MANIFEST names a path outside the bundle, or not a plain one")
            }
            // Lower case: on some file systems two spellings are one file.
            if (named.map { it.lowercase() }.toSet().size != named.size) throw BundleError("$MANIFEST names a file twice")
            for (path in references) {
                if (named.none { it == path || it.startsWith("$path/") }) {
                    throw BundleError("$MANIFEST refers to a file that is not among its files")
                }
            }
        }

        /** A relative path in its one spelling. */
        private fun isInside(path: String) = path != MANIFEST && path.isNotEmpty() &&
            path.none { it in "\\:*?\"<>|" || it < ' ' || it == '\u007f' } && path.split('/').none { it == "" || it == "." || it == ".." }

        internal fun isPlain(file: File) = Files.isRegularFile(file.toPath(), LinkOption.NOFOLLOW_LINKS)
    }

    private fun check(progress: (Long, Long) -> Unit) {
        val named = manifest.files.associateBy { it.path }
        val present = HashSet<String>()
        for (file in folder.walkTopDown().onFail { _, fault -> throw fault }) {
            if (Files.isSymbolicLink(file.toPath())) throw BundleError("the bundle holds a link; it holds plain files only")
            if (file.isDirectory) continue
            val name = file.relativeTo(folder).invariantSeparatorsPath
            if (name == MANIFEST) continue
            if (name !in named || !isPlain(file)) throw BundleError("the bundle holds a file that its manifest does not name")
            present += name
        }
        val total = bytes
        var done = 0L
        for (entry in manifest.files) {
            if (entry.path !in present) throw BundleError("the bundle lacks ${entry.path}: fetch or export it again")
            val file = path(entry.path)
            if (file.length() != entry.bytes || sha256(file) != entry.sha256) {
                throw BundleError("${entry.path} was altered: its SHA-256 is not the manifest's; fetch the bundle again")
            }
            done += entry.bytes
            progress(done, total)
        }
    }
}

internal fun sha256(file: File): String {
    val digest = MessageDigest.getInstance("SHA-256")
    file.inputStream().use { stream ->
        val buffer = ByteArray(1 shl 16)
        while (true) {
            val read = stream.read(buffer)
            if (read < 0) break
            digest.update(buffer, 0, read)
        }
    }
    return hex(digest.digest())
}

internal fun hex(bytes: ByteArray): String = bytes.joinToString("") { "%02x".format(it) }
