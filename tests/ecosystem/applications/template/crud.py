"""What is done with users."""

from sqlmodel import Session, select

from .models import User, UserCreate, UserUpdate
from .security import passwords


def create_user(session: Session, user_create: UserCreate) -> User:
    user = User.model_validate(user_create, update={"hashed_password": passwords.hash(user_create.password)})
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


def update_user(session: Session, user: User, user_in: UserUpdate) -> User:
    changes = user_in.model_dump(exclude_unset=True)
    extra = {"hashed_password": passwords.hash(changes["password"])} if changes.get("password") else {}
    user.sqlmodel_update(changes, update=extra)
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


def find_user(session: Session, email: str) -> User | None:
    return session.exec(select(User).where(User.email == email)).first()


def authenticate(session: Session, email: str, password: str) -> User | None:
    user = find_user(session, email)
    return user if user and passwords.verify(password, user.hashed_password) else None
