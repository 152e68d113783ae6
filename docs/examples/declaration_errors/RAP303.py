from rapide import APIRouter

router = APIRouter(prefix="/books")
router.include_router(router)
