package android.app;

public abstract class ActivityManager {
    public static class MemoryInfo {
        public long availMem;
        public long threshold;
    }

    public abstract void getMemoryInfo(MemoryInfo out);
}
