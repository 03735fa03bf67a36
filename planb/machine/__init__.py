"""What `up` and `test` need from the operating system; standard library only, as no package is there yet."""
