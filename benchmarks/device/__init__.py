"""The device's benchmark: one result format for Python, Kotlin, Swift and the browser, a runner, and the report."""
