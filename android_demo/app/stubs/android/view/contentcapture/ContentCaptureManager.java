package android.view.contentcapture;

public final class ContentCaptureManager {
    public void setContentCaptureEnabled(boolean enabled) {}
}
