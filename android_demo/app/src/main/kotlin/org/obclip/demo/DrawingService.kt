package org.obclip.demo

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Service
import android.content.Context
import android.content.Intent
import android.graphics.drawable.Icon
import android.os.IBinder

/**
 * Keeps the app at work while a picture is made and another app is in front. It makes nothing itself, and its notice says
 * nothing of the picture.
 */
internal class DrawingService : Service() {
    private val watch = { state: State, before: State -> note(state, before) }
    private var isShown = false

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        if (intent?.action == CANCEL) {
            demo.studio.cancel()
        } else if (!isShown) {
            isShown = true
            val channel = NotificationChannel(CHANNEL, getString(R.string.notice_channel), NotificationManager.IMPORTANCE_LOW)
            channel.setShowBadge(false)
            manager.createNotificationChannel(channel)
            if (start()) demo.store.watch(watch)
        }
        return START_NOT_STICKY
    }

    override fun onDestroy() {
        demo.store.forget(watch)
        super.onDestroy()
    }

    /** Its kind for Android 14 and later is the manifest's; where the system refuses, the picture goes on in front alone. */
    private fun start(): Boolean {
        try {
            startForeground(NOTICE, notice(demo.store.state))
            return true
        } catch (_: IllegalStateException) {
            stopSelf()
        } catch (_: SecurityException) {
            stopSelf()
        }
        return false
    }

    private fun note(state: State, before: State) {
        if (state.run == null) {
            demo.store.forget(watch)
            stopForeground(true)
            stopSelf()
        } else if (state.run.step != before.run?.step || state.run.stage != before.run.stage) {
            manager.notify(NOTICE, notice(state))
        }
    }

    private val manager get() = getSystemService(Context.NOTIFICATION_SERVICE) as NotificationManager

    private fun notice(state: State): Notification {
        val run = state.run
        val open = PendingIntent.getActivity(this, 0, Intent(this, MainActivity::class.java), PendingIntent.FLAG_IMMUTABLE)
        val stop = PendingIntent.getService(this, 0, Intent(this, javaClass).setAction(CANCEL), PendingIntent.FLAG_IMMUTABLE)
        val button = Notification.Action.Builder(Icon.createWithResource(this, R.drawable.notice), getString(R.string.cancel), stop)
        return Notification.Builder(this, CHANNEL)
            .setSmallIcon(R.drawable.notice)
            .setContentTitle(getString(R.string.notice_title))
            .setContentText(run?.let { resources.tellStages(it).firstOrNull { stage -> !stage.isDone }?.text })
            .setProgress(run?.total ?: 0, run?.step ?: 0, run == null || run.total == 0)
            .setContentIntent(open)
            .addAction(button.build())
            .setOngoing(true)
            .setOnlyAlertOnce(true)
            .setCategory(Notification.CATEGORY_PROGRESS)
            .setVisibility(Notification.VISIBILITY_SECRET)
            .build()
    }

    private companion object {
        const val CHANNEL = "drawing"
        const val NOTICE = 1
        const val CANCEL = "org.obclip.demo.CANCEL"
    }
}
