"""Commands of `grader`, a module a topic. They import click alone until they run, so that `--help` stays quick."""
