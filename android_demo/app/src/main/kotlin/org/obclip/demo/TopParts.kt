package org.obclip.demo

import android.app.Activity
import android.view.View
import android.widget.ProgressBar

/** The welcome until the first picture, and whether the models are here. */
internal class WelcomePart(private val screen: Activity, openModels: () -> Unit) : Part {
    private val welcome = screen.column().apply { put(screen.heading(R.string.welcome_title), screen.text(R.string.welcome_lead)) }
    private val title = screen.heading(R.string.setup_getting_ready, NORMAL)
    private val text = screen.text().live()
    private val bar = ProgressBar(screen, null, android.R.attr.progressBarStyleHorizontal).apply {
        isIndeterminate = true
        contentDescription = screen.getText(R.string.setup_getting_ready)
    }
    private val button = screen.mainButton(R.string.models, openModels)
    private val retry = screen.plainButton(R.string.retry) { screen.demo.studio.retry() }
    private val setup = screen.card(title, text, bar, button, retry)

    override val view: View = screen.column().apply { put(welcome, setup) }

    override fun show(state: State, before: State) {
        if (state.run != null || state.result != null) welcome.showIf(false)
        val now = state.setup
        if (state !== before && now === before.setup) return
        setup.showIf(now !is Setup.Ready)
        bar.showIf(now is Setup.Starting || now is Setup.Preparing)
        button.showIf(now is Setup.Missing || now is Setup.Failed && Remedy.MODELS in now.trouble.remedies)
        retry.showIf(now is Setup.Failed)
        title.setText(when (now) {
            is Setup.Missing -> R.string.setup_missing_title
            is Setup.Failed, is Setup.NoLibrary -> R.string.setup_failed
            else -> R.string.setup_getting_ready
        })
        val told = when (now) {
            is Setup.Missing -> screen.getString(R.string.setup_missing)
            is Setup.Preparing -> screen.getString(R.string.setup_preparing)
            is Setup.NoLibrary -> screen.getString(R.string.setup_no_library)
            is Setup.Failed -> screen.getString(R.string.chosen, now.trouble.message, screen.getString(now.trouble.advice))
            is Setup.Starting, is Setup.Ready -> ""
        }
        text.showIf(told.isNotEmpty())
        text.text = told
    }
}

/** What holds for the whole screen: no cloud, or a person who does without for now. */
internal class BannerPart(screen: Activity, openSettings: () -> Unit) : Part {
    private val missing = screen.card(
        screen.text(R.string.no_cloud), screen.plainButton(R.string.set_cloud, openSettings), color = R.color.sunken)
    private val alone = screen.card(
        screen.text(R.string.alone),
        screen.plainButton(R.string.ask_again) { screen.demo.store.update { it.copy(isAlone = false) } }, color = R.color.sunken)

    override val view: View = screen.column().apply { put(missing, alone) }

    override fun show(state: State, before: State) {
        val hasNone = state.preferences.cloud.isEmpty()
        missing.showIf(hasNone && state.setup is Setup.Ready)
        alone.showIf(!hasNone && state.isAlone)
    }
}

/** What went wrong: what it is, what to do, and buttons that do it. */
internal class TroublePart(private val screen: Activity, private val remedy: (Remedy) -> Unit) : Part {
    private val box = screen.column(padding = 12).live()

    override val view: View = box

    override fun show(state: State, before: State) {
        if (state !== before && state.trouble === before.trouble && state.said == before.said) return
        val trouble = state.trouble
        box.showIf(trouble != null || state.said != null)
        box.background = screen.rounded(if (trouble == null) R.color.sunken else R.color.bad_tint)
        if (trouble == null) return box.refill(*listOfNotNull(state.said).map { screen.text(it) }.toTypedArray())
        val ink = screen.getColor(R.color.bad_ink)
        val texts = listOf(screen.heading(trouble.title, NORMAL), screen.text(trouble.message), screen.text(trouble.advice))
        texts.forEach { it.setTextColor(ink) }
        val buttons = trouble.remedies.map { one -> screen.plainButton(LABELS.getValue(one)) { remedy(one) } as View }
        box.refill(*(texts + buttons).toTypedArray())
    }

    private companion object {
        val LABELS = mapOf(
            Remedy.RETRY to R.string.retry, Remedy.SETTINGS to R.string.settings, Remedy.ALONE to R.string.draw_here,
            Remedy.MODELS to R.string.models, Remedy.EDIT to R.string.edit,
        )
    }
}
