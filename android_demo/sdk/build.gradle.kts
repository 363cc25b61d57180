// The SDK as an Android library. The versions of the plugins stand in ../settings.gradle.kts.
plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

val repository = rootProject.projectDir.parentFile

// The word lists lie where Python reads them, and once.
val wordLists by tasks.registering(Copy::class) {
    from(repository.resolve("edge_sdk/attributes/lexicon.bin"), repository.resolve("edge_sdk/second_look/data/second_look.bin"))
    into(layout.buildDirectory.dir("words/obclip"))
}

android {
    namespace = "org.obclip.edge"
    compileSdk = 35
    ndkVersion = "27.2.12479018"
    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
        ndk { abiFilters += listOf("arm64-v8a", "x86_64") }
        externalNativeBuild { cmake { arguments += listOf("-DANDROID_STL=c++_static", "-DANDROID_SUPPORT_FLEXIBLE_PAGE_SIZES=ON") } }
    }
    externalNativeBuild { cmake { path = file("src/main/cpp/CMakeLists.txt") } }
    sourceSets["main"].kotlin.srcDir("src/android/kotlin")
    sourceSets["main"].assets.srcDir(wordLists.map { it.destinationDir.parentFile })
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
}

kotlin {
    explicitApi()
    compilerOptions { jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8 }
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    implementation("com.google.ai.edge.litert:litert:2.3.0")
}
