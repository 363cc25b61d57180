package android.database.sqlite;

public abstract class SQLiteDatabase implements java.io.Closeable {
    public static final int CONFLICT_REPLACE = 5;

    public interface CursorFactory {}

    public static SQLiteDatabase openOrCreateDatabase(java.io.File file, CursorFactory factory) {
        throw new UnsupportedOperationException("a stub");
    }

    public abstract void execSQL(String sql);

    public abstract void beginTransaction();

    public abstract void setTransactionSuccessful();

    public abstract void endTransaction();

    public abstract android.database.Cursor rawQuery(String sql, String[] arguments);

    public abstract long insertWithOnConflict(String table, String nullColumn, android.content.ContentValues row, int conflict);

    @Override
    public abstract void close();
}
