package org.obclip.demo

import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.view.Menu
import android.view.MenuItem
import android.widget.Toast
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** The one screen: describe, draw, look, and see what the cloud sees. */
internal class MainActivity : DemoActivity() {
    private lateinit var parts: List<Part>
    private lateinit var compose: ComposePart
    private val findings = FindingsDialog(this)
    private val watch = { state: State, before: State -> show(state, before) }

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        compose = ComposePart(this, ::draw)
        parts = listOf(
            WelcomePart(this, ::openModels), BannerPart(this, ::openSettings), compose,
            TroublePart(this, ::remedy), PicturePart(this, ::draw, ::save, ::share), CloudPart(this),
        )
        parts.forEach { column.put(it.view) }
        column.put(small(R.string.footer))
    }

    override fun onStart() {
        super.onStart()
        demo.studio.begin()
        demo.store.watch(watch)
    }

    override fun onStop() {
        demo.store.forget(watch)
        findings.hide()
        super.onStop()
    }

    private fun show(state: State, before: State) {
        parts.forEach { it.show(state, before) }
        findings.show(state.asked)
    }

    private fun draw() {
        askForNotices()
        compose.hideKeyboard()
        demo.studio.draw()
    }

    private fun remedy(remedy: Remedy) {
        when (remedy) {
            Remedy.RETRY -> if (demo.store.state.setup is Setup.Ready) draw() else demo.studio.retry()
            Remedy.SETTINGS -> openSettings()
            Remedy.MODELS -> openModels()
            Remedy.EDIT -> compose.focus()
            Remedy.ALONE -> {
                demo.store.update { it.copy(isAlone = true) }
                draw()
            }
        }
    }

    // -- other screens

    override fun onCreateOptionsMenu(menu: Menu): Boolean {
        for ((id, title) in MENU) menu.add(Menu.NONE, id, Menu.NONE, title)
        return true
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        when (item.itemId) {
            SETTINGS -> openSettings()
            MODELS -> openModels()
            BENCHMARK -> startActivity(Intent(this, BenchmarkActivity::class.java))
            else -> return super.onOptionsItemSelected(item)
        }
        return true
    }

    private fun openSettings() = startActivity(Intent(this, SettingsActivity::class.java))
    private fun openModels() = startActivity(Intent(this, ModelsActivity::class.java))

    /** From Android 13 on the notice of a run in the background needs the person's word; all else works without. */
    private fun askForNotices() {
        if (Build.VERSION.SDK_INT < FIRST_THAT_ASKS || checkSelfPermission(NOTICES) == PackageManager.PERMISSION_GRANTED) return
        requestPermissions(arrayOf(NOTICES), 0)
    }

    // -- the picture's ways out: none but those that the person takes

    private fun save() {
        val intent = Intent(Intent.ACTION_CREATE_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType(SharedPicture.TYPE)
            .putExtra(Intent.EXTRA_TITLE, getString(R.string.file_name))
        startActivityForResult(intent, SAVE)
    }

    override fun onActivityResult(request: Int, code: Int, data: Intent?) {
        super.onActivityResult(request, code, data)
        val place = data?.data
        if (request == SAVE && code == Activity.RESULT_OK && place != null) save(place)
    }

    private fun save(place: Uri) {
        val picture = demo.store.state.result?.picture ?: return
        demo.scope.launch {
            val isSaved = withContext(Dispatchers.IO) { write(place) { picture.compress(it) } }
            say(if (isSaved) R.string.saved else R.string.not_saved)
        }
    }

    private fun share() {
        val picture = demo.store.state.result?.picture ?: return
        demo.scope.launch {
            try {
                val uri = withContext(Dispatchers.IO) { SharedPicture.put(this@MainActivity, picture) }
                val intent = Intent(Intent.ACTION_SEND).setType(SharedPicture.TYPE).putExtra(Intent.EXTRA_STREAM, uri)
                intent.clipData = android.content.ClipData.newRawUri(null, uri)
                startActivity(Intent.createChooser(intent.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION), null))
            } catch (_: IOException) {
                say(R.string.not_shared)
            }
        }
    }

    private companion object {
        const val SETTINGS = 1
        const val MODELS = 2
        const val BENCHMARK = 3
        const val SAVE = 1
        const val FIRST_THAT_ASKS = 33
        const val NOTICES = "android.permission.POST_NOTIFICATIONS"
        val MENU = listOf(SETTINGS to R.string.settings, MODELS to R.string.models, BENCHMARK to R.string.benchmark)
    }
}

/** A part of the screen. [show] is told every change, and does little where nothing of its own changed. */
internal interface Part {
    val view: android.view.View

    fun show(state: State, before: State)
}

internal fun Activity.say(text: Int) = Toast.makeText(this, text, Toast.LENGTH_LONG).show()

/** Whether it was written; what the place's app says is of no use to anybody. */
internal fun Activity.write(place: Uri, content: (java.io.OutputStream) -> Unit): Boolean = try {
    val out = contentResolver.openOutputStream(place, "wt")
    out?.use(content)
    out != null
} catch (_: IOException) {
    false
} catch (_: SecurityException) {
    false
}

internal fun org.obclip.edge.Picture.compress(out: java.io.OutputStream) {
    bitmap().compress(android.graphics.Bitmap.CompressFormat.PNG, 100, out)
}
