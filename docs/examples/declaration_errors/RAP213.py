from rapide.concurrency import limit_threads

limit_threads(files=0)
