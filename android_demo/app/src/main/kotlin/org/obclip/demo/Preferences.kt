package org.obclip.demo

import android.content.Context
import java.net.URI
import java.net.URISyntaxException
import java.time.LocalDate
import java.time.ZoneOffset
import java.time.format.DateTimeParseException
import org.obclip.edge.Accelerator
import org.obclip.edge.BundlePin
import org.obclip.edge.Cloud
import org.obclip.edge.InputError
import org.obclip.edge.Mechanism
import org.obclip.edge.OnImplied
import org.obclip.edge.Pins
import org.obclip.edge.Settings

/** What the person set. Never the prompt. Defaults are the reference's (obclip_contract/defaults.py). */
internal data class Preferences(
    /** "": this device draws alone. */
    val cloud: String = "",
    val pin: String = "",
    val backup: String = "",
    val expires: String = "",
    val steps: Int = 25,
    val cloudSteps: Int = 10,
    val mechanism: Mechanism = Mechanism.AUTO,
    val epsilon: Double = 1.0,
    val strict: Boolean = false,
    val preview: Boolean = true,
    val accelerator: Accelerator = Accelerator.CPU,
    val secure: Boolean = false,
    /** The own candidate is marked in the list. */
    val marksMine: Boolean = true,
    val keepsToken: Boolean = false,
    /** Where models come from, an address a line. */
    val mirrors: String = "",
    /** Another pin than the built-in one; all three or none. */
    val revision: String = "",
    val sha256: String = "",
    val bytes: String = "",
) {
    fun settings(isLocal: Boolean): Settings {
        val common = Settings(steps = steps, strict = strict, onImplied = OnImplied.ASK)
        if (isLocal) return common.copy(cloudSteps = 0, mechanism = Mechanism.LOCAL)
        return common.copy(cloudSteps = cloudSteps, mechanism = mechanism, epsilon = epsilon.takeIf { mechanism == Mechanism.K_SUBSET })
    }

    fun cloud(token: String): Cloud? = if (cloud.isEmpty()) null else Cloud(cloud, token.ifEmpty { null }, pins())

    /** @throws InputError the pins cannot be used. */
    fun pins(): Pins? = if (pin.isEmpty() && backup.isEmpty() && expires.isEmpty()) null else Pins(pin, backup, expiry())

    private fun expiry(): Long = try {
        LocalDate.parse(expires).atStartOfDay(ZoneOffset.UTC).toEpochSecond()
    } catch (_: DateTimeParseException) {
        throw InputError("no day")
    }
}

/** What is wrong with a value, in words for the person. */
internal class Wrong(val text: Int, vararg val values: Any)

internal object Check {
    private const val MAX_STEPS = 200
    private const val MAX_EPSILON = 16.0
    private val LOCAL = setOf("localhost", "127.0.0.1")

    fun cloud(value: String): Wrong? {
        if (value.isEmpty()) return null
        val url = try {
            URI(value)
        } catch (_: URISyntaxException) {
            return Wrong(R.string.wrong_url)
        }
        val scheme = url.scheme?.lowercase()
        return when {
            url.host.isNullOrEmpty() || scheme != "https" && scheme != "http" -> Wrong(R.string.wrong_url)
            url.rawUserInfo != null -> Wrong(R.string.wrong_login)
            url.rawQuery != null || url.rawFragment != null -> Wrong(R.string.wrong_query)
            scheme == "https" || url.host in LOCAL -> null
            else -> Wrong(R.string.wrong_http)
        }
    }

    fun token(value: String): Wrong? = if (value.all { it in '!'..'~' }) null else Wrong(R.string.wrong_token)

    fun pins(all: Preferences): Wrong? = try {
        if (all.pins() != null && all.cloud.isNotEmpty() && !all.cloud.startsWith("https://", ignoreCase = true)) Wrong(R.string.wrong_pins) else null
    } catch (_: InputError) {
        Wrong(R.string.wrong_pins)
    }

    fun steps(value: Int?, all: Preferences): Wrong? = when {
        value == null || value !in 1..MAX_STEPS -> Wrong(R.string.wrong_steps)
        value < all.cloudSteps -> Wrong(R.string.wrong_steps_few, all.cloudSteps)
        else -> null
    }

    fun cloudSteps(value: Int?, all: Preferences): Wrong? =
        if (value == null || value !in 0..all.steps) Wrong(R.string.wrong_cloud_steps, all.steps) else null

    fun epsilon(value: Double?): Wrong? = if (value == null || !(value > 0 && value <= MAX_EPSILON)) Wrong(R.string.wrong_epsilon) else null

    fun model(all: Preferences): Wrong? {
        val given = listOf(all.revision, all.sha256, all.bytes)
        if (given.all { it.isEmpty() }) return null
        return try {
            BundlePin("other", all.revision, all.sha256, all.bytes.toLongOrNull() ?: -1)
            null
        } catch (_: InputError) {
            Wrong(R.string.wrong_model)
        }
    }
}

/** Keeps preferences in a file of this app that no backup takes along; the token only where the person wants it. */
internal class Keeper(context: Context) {
    private val file = context.getSharedPreferences("preferences", Context.MODE_PRIVATE)

    fun load(): State {
        val base = Preferences()
        fun text(name: String) = file.getString(name, "").orEmpty()
        fun flag(name: String, default: Boolean) = file.getBoolean(name, default)
        val kept = base.copy(
            cloud = text("cloud"), pin = text("pin"), backup = text("backup"), expires = text("expires"),
            steps = file.getInt("steps", base.steps), cloudSteps = file.getInt("cloud_steps", base.cloudSteps),
            mechanism = Mechanism.entries.firstOrNull { it.name == text("mechanism") } ?: base.mechanism,
            epsilon = text("epsilon").toDoubleOrNull() ?: base.epsilon,
            strict = flag("strict", base.strict), preview = flag("preview", base.preview),
            accelerator = Accelerator.entries.firstOrNull { it.name == text("accelerator") } ?: base.accelerator,
            secure = flag("secure", base.secure), marksMine = flag("marks_mine", base.marksMine),
            keepsToken = flag("keeps_token", base.keepsToken), mirrors = text("mirrors"), revision = text("revision"),
            sha256 = text("sha256"), bytes = text("bytes"),
        )
        return State(kept, token = if (kept.keepsToken) text("token") else "")
    }

    fun keep(all: Preferences, token: String) {
        file.edit().apply {
            putString("cloud", all.cloud).putString("pin", all.pin).putString("backup", all.backup).putString("expires", all.expires)
            putInt("steps", all.steps).putInt("cloud_steps", all.cloudSteps)
            putString("mechanism", all.mechanism.name).putString("epsilon", all.epsilon.toString())
            putBoolean("strict", all.strict).putBoolean("preview", all.preview)
            putString("accelerator", all.accelerator.name).putBoolean("secure", all.secure)
            putBoolean("marks_mine", all.marksMine).putBoolean("keeps_token", all.keepsToken)
            putString("mirrors", all.mirrors).putString("revision", all.revision)
            putString("sha256", all.sha256).putString("bytes", all.bytes)
            if (all.keepsToken && token.isNotEmpty()) putString("token", token) else remove("token")
        }.apply()
    }
}
