package android.content;

public abstract class Context {
    public static final String ACTIVITY_SERVICE = "activity";

    public abstract java.io.File getNoBackupFilesDir();

    public abstract android.content.res.AssetManager getAssets();

    public abstract Context getApplicationContext();

    public abstract android.content.pm.ApplicationInfo getApplicationInfo();

    public abstract Object getSystemService(String name);
}
