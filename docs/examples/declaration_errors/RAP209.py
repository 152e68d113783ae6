from rapide import Depends

depends = Depends(open, max_concurrency=0)
