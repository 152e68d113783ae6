import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated

from rapide import Depends, HTTPException, Rapide
from rapide.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

app = Rapide(title="Library")

bearer = OAuth2PasswordBearer(tokenUrl="token")


@dataclass
class Reader:
    name: str
    salt: bytes
    password_hash: bytes


def hash_password(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def make_reader(name: str, password: str) -> Reader:
    salt = secrets.token_bytes(16)
    return Reader(name, salt, hash_password(password, salt))


readers = {"ada": make_reader("Ada", "correct horse")}
nobody = make_reader("", secrets.token_hex())
tokens: dict[str, Reader] = {}


@app.post("/token")
def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    reader = readers.get(form.username, nobody)
    matches = secrets.compare_digest(
        hash_password(form.password, reader.salt), reader.password_hash
    )
    if not matches or reader is nobody:
        raise HTTPException(400, "Wrong name or password.")
    token = secrets.token_urlsafe()
    tokens[token] = reader
    return {"access_token": token, "token_type": "bearer"}


async def current_reader(token: Annotated[str, Depends(bearer)]) -> Reader:
    if token not in tokens:
        raise HTTPException(
            401, "This token is not valid.", headers={"WWW-Authenticate": "Bearer"}
        )
    return tokens[token]


CurrentReader = Annotated[Reader, Depends(current_reader)]


@app.get("/me")
async def read_me(reader: CurrentReader) -> dict[str, str]:
    return {"name": reader.name}


@app.post("/wishes")
async def add_wish(reader: CurrentReader, wish: dict[str, str]) -> dict[str, str]:
    return {"from": reader.name, **wish}
