"""SQLModel alone: one class for the table, others for what goes in and out, relations in answers."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Annotated

from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select

from fastapi import Depends, FastAPI, HTTPException, Query

engine = create_engine("sqlite:///heroes.db", connect_args={"check_same_thread": False})


class TeamBase(SQLModel):
    name: str = Field(index=True, max_length=20)


class Team(TeamBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    heroes: list["Hero"] = Relationship(back_populates="team")


class HeroBase(SQLModel):
    name: str = Field(index=True)
    age: int | None = Field(default=None, ge=0)
    team_id: int | None = Field(default=None, foreign_key="team.id")


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    secret: str
    team: Team | None = Relationship(back_populates="heroes")


class HeroCreate(HeroBase):
    secret: str


class HeroPublic(HeroBase):
    id: int


class HeroUpdate(SQLModel):
    name: str | None = None
    age: int | None = None


class HeroWithTeam(HeroPublic):
    team: TeamBase | None = None


class TeamWithHeroes(TeamBase):
    id: int
    heroes: list[HeroPublic] = []


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


@asynccontextmanager
async def lifespan(app: FastAPI):
    SQLModel.metadata.create_all(engine)
    yield
    engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/teams", response_model=TeamWithHeroes, status_code=201)
def add_team(team: TeamBase, session: SessionDep):
    row = Team.model_validate(team)
    session.add(row)
    session.commit()
    return row


@app.get("/teams/{team_id}", response_model=TeamWithHeroes)
def read_team(team_id: int, session: SessionDep):
    return session.get(Team, team_id)


@app.post("/heroes", response_model=HeroPublic, status_code=201)
def add_hero(hero: HeroCreate, session: SessionDep):
    row = Hero.model_validate(hero)
    session.add(row)
    session.commit()
    session.refresh(row)
    return row


@app.get("/heroes", response_model=list[HeroPublic])
def list_heroes(session: SessionDep, offset: int = 0, limit: Annotated[int, Query(le=100)] = 100):
    return session.exec(select(Hero).offset(offset).limit(limit)).all()


@app.get("/heroes/{hero_id}")
def read_hero(hero_id: int, session: SessionDep) -> HeroWithTeam:
    hero = session.get(Hero, hero_id)
    if not hero:
        raise HTTPException(404, "Hero not found")
    return hero


@app.patch("/heroes/{hero_id}", response_model=HeroPublic)
def change_hero(hero_id: int, hero: HeroUpdate, session: SessionDep):
    row = session.get(Hero, hero_id)
    row.sqlmodel_update(hero.model_dump(exclude_unset=True))
    session.add(row)
    session.commit()
    session.refresh(row)
    return row


@app.post("/tables")
def echo(hero: Hero) -> Hero:
    return hero
