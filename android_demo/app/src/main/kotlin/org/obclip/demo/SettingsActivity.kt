package org.obclip.demo

import android.os.Bundle
import android.view.View
import org.obclip.edge.Mechanism

/** Each setting is checked as it is changed, and holds at once. */
internal class SettingsActivity : DemoActivity() {
    private val store get() = demo.store
    private val set get() = store.state.preferences

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        fill()
    }

    private fun keep(preferences: Preferences, token: String = store.state.token) {
        store.update { it.copy(preferences = preferences, token = token, trouble = null) }
        demo.keeper.keep(preferences, token)
    }

    /** Keep what [change] makes of the settings where nothing is wrong. */
    private fun keepIf(wrong: Wrong?, change: () -> Preferences?): Wrong? {
        if (wrong == null) change()?.let { keep(it) }
        return wrong
    }

    private fun fill() {
        column.removeAllViews()
        column.put(small(R.string.settings_kept), *cloud(), *mechanisms(), *drawing())
        column.put(plainButton(R.string.defaults) {
            val models = set
            keep(Preferences(mirrors = models.mirrors, revision = models.revision, sha256 = models.sha256, bytes = models.bytes), "")
            fill()
            say(R.string.defaults_done)
        })
    }

    private fun cloud(): Array<View> {
        // The three are right or wrong together: until they are, the old ones hold.
        var typed = set
        val wrong = wrongLine()
        fun pins(change: Preferences.() -> Preferences): Wrong? {
            typed = typed.change().copy(cloud = set.cloud)
            wrong.tell(keepIf(Check.pins(typed)) { set.copy(pin = typed.pin, backup = typed.backup, expires = typed.expires) })
            return null
        }
        return arrayOf(
            heading(R.string.settings_cloud),
            field(R.string.set_address, R.string.set_address_help, R.string.set_address_hint, URL, set.cloud) {
                keepIf(Check.cloud(it) ?: Check.pins(set.copy(cloud = it))) { set.copy(cloud = it) }
            },
            field(R.string.set_token, R.string.set_token_help, null, SECRET, store.state.token) {
                Check.token(it).also { fault -> if (fault == null) keep(set, it) }
            },
            switch(R.string.keep_token, R.string.keep_token_help, set.keepsToken) { keep(set.copy(keepsToken = it)) },
            field(R.string.set_pin, R.string.set_pin_help, R.string.set_pin_hint, PLAIN, set.pin) { pins { copy(pin = it) } },
            field(R.string.set_backup, R.string.set_backup_help, R.string.set_pin_hint, PLAIN, set.backup) { pins { copy(backup = it) } },
            field(R.string.set_expires, R.string.set_expires_help, R.string.set_expires_hint, PLAIN, set.expires) { pins { copy(expires = it) } },
            wrong,
        )
    }

    private fun mechanisms(): Array<View> {
        val epsilon = field(R.string.set_epsilon, R.string.set_epsilon_help, null, DECIMAL, shortly(set.epsilon)) { text ->
            keepIf(Check.epsilon(text.toDoubleOrNull())) { text.toDoubleOrNull()?.let { set.copy(epsilon = it) } }
        }
        epsilon.showIf(set.mechanism == Mechanism.K_SUBSET)
        val choices = choice(R.string.settings_mechanism, MECHANISMS.keys.toList(), set.mechanism, ::describe) {
            keep(set.copy(mechanism = it))
            store.update { state -> state.copy(isAlone = false) }
            epsilon.showIf(it == Mechanism.K_SUBSET)
        }
        return arrayOf(heading(R.string.settings_mechanism), choices, epsilon)
    }

    private fun describe(mechanism: Mechanism): String {
        val said = MECHANISMS.getValue(mechanism)
        return getString(R.string.choice, getString(said.name), getString(said.says))
    }

    private fun drawing(): Array<View> = arrayOf(
        heading(R.string.settings_drawing),
        field(R.string.set_steps, R.string.set_steps_help, null, WHOLE, set.steps.toString()) { text ->
            keepIf(Check.steps(text.toIntOrNull(), set)) { text.toIntOrNull()?.let { set.copy(steps = it) } }
        },
        field(R.string.set_cloud_steps, R.string.set_cloud_steps_help, null, WHOLE, set.cloudSteps.toString()) { text ->
            keepIf(Check.cloudSteps(text.toIntOrNull(), set)) { text.toIntOrNull()?.let { set.copy(cloudSteps = it) } }
        },
        switch(R.string.set_preview, R.string.set_preview_help, set.preview) { keep(set.copy(preview = it)) },
        switch(R.string.set_strict, R.string.set_strict_help, set.strict) { keep(set.copy(strict = it)) },
        heading(R.string.set_accelerator, NORMAL),
        choice(R.string.set_accelerator, ACCELERATORS.keys.toList(), set.accelerator, { getString(ACCELERATORS.getValue(it)) }) {
            keep(set.copy(accelerator = it))
        },
        small(R.string.set_accelerator_help),
        switch(R.string.set_secure, R.string.set_secure_help, set.secure) { isSecure ->
            keep(set.copy(secure = isSecure))
            onResume()
        },
    )
}
