package android.database;

public interface Cursor extends java.io.Closeable {
    boolean moveToFirst();

    byte[] getBlob(int column);

    @Override
    void close();
}
