package android.content.res;

public abstract class AssetManager {
    public abstract java.io.InputStream open(String name) throws java.io.IOException;
}
