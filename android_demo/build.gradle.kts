// Loads each plugin once, in the catalogue's version; the modules apply them by name alone.
plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    alias(libs.plugins.kotlin.android) apply false
}
