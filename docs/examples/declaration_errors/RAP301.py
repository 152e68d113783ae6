from rapide import APIRouter

router = APIRouter(prefix="books")
