package org.obclip.demo

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.database.Cursor
import android.database.MatrixCursor
import android.graphics.Bitmap
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import org.obclip.edge.Picture

internal fun Picture.bitmap(): Bitmap = Bitmap.createBitmap(argb(), width, height, Bitmap.Config.ARGB_8888)

/** The one picture that is shared now, for the app that the person chose; there is nothing else to be had here. */
internal class SharedPicture : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun getType(uri: Uri): String = TYPE

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (uri != URI || mode != "r") throw FileNotFoundException()
        return ParcelFileDescriptor.open(file(owner()), ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun query(uri: Uri, projection: Array<String>?, selection: String?, arguments: Array<String>?, order: String?): Cursor {
        val columns = projection ?: arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)
        val cursor = MatrixCursor(columns)
        if (uri == URI) {
            cursor.addRow(columns.map {
                when (it) {
                    OpenableColumns.DISPLAY_NAME -> owner().getString(R.string.file_name)
                    OpenableColumns.SIZE -> file(owner()).length()
                    else -> null
                }
            })
        }
        return cursor
    }

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null
    override fun delete(uri: Uri, selection: String?, arguments: Array<String>?): Int = 0
    override fun update(uri: Uri, values: ContentValues?, selection: String?, arguments: Array<String>?): Int = 0

    private fun owner(): Context = checkNotNull(context)

    companion object {
        const val TYPE = "image/png"
        val URI: Uri = Uri.parse("content://org.obclip.demo.shared/picture")
        private const val BEST = 100

        private fun file(context: Context) = File(context.cacheDir, "shared.png")

        /** @throws IOException there is no room. */
        fun put(context: Context, picture: Picture): Uri {
            file(context).outputStream().use { picture.bitmap().compress(Bitmap.CompressFormat.PNG, BEST, it) }
            return URI
        }

        fun forget(context: Context) {
            file(context).delete()
        }
    }
}
