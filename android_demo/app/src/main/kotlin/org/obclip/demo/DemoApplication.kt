package org.obclip.demo

import android.app.Application
import android.content.Context
import android.os.Handler
import android.os.Looper
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.SupervisorJob

/** The main thread, as coroutines know it. */
internal object Screen : CoroutineDispatcher() {
    private val handler = Handler(Looper.getMainLooper())

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        handler.post(block)
    }
}

/** What outlives the screens: what the app knows, and what works on it. All of it in memory. */
internal class DemoApplication : Application() {
    val scope = CoroutineScope(SupervisorJob() + Screen)
    val keeper by lazy { Keeper(this) }
    val store by lazy { Store(keeper.load()) }
    val models by lazy { Models(this) }
    val studio by lazy { Studio(this) }
}

internal val Context.demo: DemoApplication get() = applicationContext as DemoApplication
