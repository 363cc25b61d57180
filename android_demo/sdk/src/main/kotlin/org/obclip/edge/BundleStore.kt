package org.obclip.edge

import java.io.File
import java.io.IOException
import java.nio.file.AtomicMoveNotSupportedException
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/**
 * Which bundle an app uses: everything about it is known before anything is fetched.
 *
 * @property name its folder in the store.
 * @property revision of the place that it is fetched from, e.g. a commit: no name that moves.
 * @property sha256 of `bundle.json`, which holds the SHA-256 and size of every other file.
 * @property bytes of all those files.
 */
public class BundlePin(public val name: String, public val revision: String, public val sha256: String, public val bytes: Long) {
    init {
        if (!PLAIN.matches(name)) throw InputError("a bundle's name is letters, digits, '_' and '-'")
        if (!PLAIN.matches(revision) || revision.lowercase() in MOVING) throw InputError("a revision is a commit or a version, no name that moves")
        if (sha256.length != 64 || sha256.any { it !in '0'..'9' && it !in 'a'..'f' }) throw InputError("a pin has 64 hex digits in lower case")
        if (bytes < 0) throw InputError("a size is no less than 0")
    }

    private companion object {
        val PLAIN = Regex("[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
        val MOVING = setOf("main", "master", "head", "latest", "trunk")
    }
}

/**
 * The bundles of an app, in [folder]. A new one takes the old one's place when it is whole and checked, by renaming its
 * folder; until then the old one stays, and what was fetched so far is gone on with the next time.
 *
 * @param most tries of a file, over all mirrors in turn.
 */
public class BundleStore(private val folder: File, private val most: Int = 6) {
    private val turn = Mutex()

    /** The folder of the bundle that is installed under [name]; `null`: none. */
    public fun installed(name: String): File? {
        recover(name)
        return File(folder, name).takeIf { File(it, EdgeBundle.MANIFEST).isFile }
    }

    /** Remove the bundle, and what was fetched of another one. */
    public fun remove(name: String) {
        for (file in folder.listFiles().orEmpty()) {
            if (file.name == name || file.name == old(name) || file.name.startsWith(".$name.part-")) file.deleteRecursively()
        }
    }

    /**
     * Have the pinned bundle on this device; fetches nothing where it is already.
     *
     * @param mirrors addresses of folders that hold it; `{revision}` in one stands for the pin's. Each is asked in turn.
     *   Redirects are followed, for what comes is compared with the pin.
     * @return its folder, for [ObclipPipeline.open].
     * @throws BundleError no mirror has these very bytes, or there is no room; the old bundle is as it was.
     */
    public suspend fun fetch(pin: BundlePin, mirrors: List<String>, progress: (LoadProgress) -> Unit = {}): File = turn.withLock {
        withContext(Dispatchers.IO) {
            try {
                recover(pin.name)
                val target = File(folder, pin.name)
                if (!isWhole(target, pin)) {
                    val part = File(folder, ".${pin.name}.part-${pin.revision}-${pin.sha256.take(16)}")
                    fill(part, pin, mirrors.map { it.replace("{revision}", pin.revision).trimEnd('/') }, progress)
                    EdgeBundle.open(part, pin.sha256)
                    swap(part, target)
                }
                target
            } catch (fault: IOException) {
                throw BundleError("the bundle cannot be stored (${fault.javaClass.simpleName}): is the disk full?")
            }
        }
    }

    private fun isWhole(target: File, pin: BundlePin): Boolean = try {
        File(target, EdgeBundle.MANIFEST).isFile && EdgeBundle.open(target, pin.sha256).sha256 == pin.sha256
    } catch (_: BundleError) {
        false
    }

    private suspend fun fill(part: File, pin: BundlePin, mirrors: List<String>, progress: (LoadProgress) -> Unit) {
        if (mirrors.isEmpty()) throw InputError("give the address of a folder that holds the bundle")
        Files.createDirectories(part.toPath())
        val path = File(part, EdgeBundle.MANIFEST)
        if (!path.isFile || sha256(path) != pin.sha256) {
            fromAny(mirrors, EdgeBundle.MANIFEST) { Download(it, path, null, Manifest.MOST_BYTES.toLong(), pin.sha256).run {} }
        }
        val manifest = Manifest.read(path.readBytes())
        EdgeBundle.checkPaths(manifest)
        val total = manifest.files.sumOf { it.bytes }
        if (total != pin.bytes) throw BundleError("the bundle has $total bytes, and ${pin.bytes} are pinned")
        val here = manifest.files.sumOf { minOf(File(part, it.path).length(), it.bytes) }
        if (part.usableSpace < total - here) {
            throw BundleError("there is no room for the bundle: it needs ${(total - here) shr 20} MB more, free some")
        }
        clean(part, manifest.files.map { it.path }.toSet() + EdgeBundle.MANIFEST)
        var done = 0L
        for (entry in manifest.files) {
            val file = File(part, entry.path)
            Files.createDirectories(file.parentFile.toPath())
            if (file.length() != entry.bytes || sha256(file) != entry.sha256) {
                if (file.length() >= entry.bytes) file.delete()
                fromAny(mirrors, entry.path) { url ->
                    Download(url, file, entry.bytes, entry.bytes, entry.sha256).run { progress(LoadProgress(entry.path, done + it, total)) }
                }
            }
            done += entry.bytes
            progress(LoadProgress(entry.path, done, total))
        }
    }

    /** The mirrors in turn, until one gives the file. */
    private suspend fun fromAny(mirrors: List<String>, path: String, fetch: suspend (String) -> Unit) {
        val escaped = java.net.URI(null, null, "/$path", null).rawPath
        var last: IOException? = null
        repeat(maxOf(most, mirrors.size)) { i ->
            if (i >= mirrors.size) delay(WAIT * (i / mirrors.size))
            try {
                return fetch(mirrors[i % mirrors.size] + escaped)
            } catch (fault: IOException) {
                last = fault
            }
        }
        throw BundleError("no mirror gave $path (${last?.let { if (it is DownloadError) it.message else it.javaClass.simpleName }})")
    }

    private fun clean(part: File, names: Set<String>) {
        for (file in part.walkBottomUp()) {
            if (file.isFile && file.relativeTo(part).invariantSeparatorsPath !in names) file.delete()
        }
    }

    /** Set the old folder aside, put the new one in its place, and the old one back should that fail. */
    private fun swap(part: File, target: File) {
        val aside = File(folder, old(target.name))
        aside.deleteRecursively()
        if (target.exists()) move(target, aside)
        try {
            move(part, target)
        } catch (fault: IOException) {
            if (aside.exists()) move(aside, target)
            throw fault
        }
        aside.deleteRecursively()
        for (left in folder.listFiles().orEmpty()) if (left.name.startsWith(".${target.name}.part-")) left.deleteRecursively()
    }

    /** After an end between the two renames. */
    private fun recover(name: String) {
        val aside = File(folder, old(name))
        if (!aside.exists()) return
        if (File(folder, name).exists()) aside.deleteRecursively() else move(aside, File(folder, name))
    }

    private fun move(from: File, to: File) {
        try {
            Files.move(from.toPath(), to.toPath(), ATOMIC_MOVE)
        } catch (_: AtomicMoveNotSupportedException) {
            Files.move(from.toPath(), to.toPath())
        }
    }

    private fun old(name: String) = ".$name.old"

    private companion object {
        /** Milliseconds before the mirrors are asked once more. */
        const val WAIT = 500L
    }
}
