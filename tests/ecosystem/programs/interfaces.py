"""gradio, NiceGUI and Dash below paths of one application; MOUNTED says which."""

import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/api")
async def api():
    return "beside the pages"


match os.environ["MOUNTED"]:
    case "gradio":
        import gradio

        interface = gradio.Interface(lambda name: f"Hello {name}", "text", "text", api_name="greet")
        app = gradio.mount_gradio_app(app, interface, path="/pages")
    case "nicegui":
        from nicegui import ui

        @ui.page("/")
        def page() -> None:
            ui.button("Press", on_click=lambda: ui.label("Hello Ada"))

        ui.run_with(app, mount_path="/pages", storage_secret="a secret")
    case "dash":
        from dash import Dash, Input, Output, dcc, html
        from fastapi.middleware.wsgi import WSGIMiddleware

        dash = Dash(__name__, requests_pathname_prefix="/pages/")
        dash.layout = html.Div([dcc.Input(id="name", value=""), html.Div(id="greeting")])

        @dash.callback(Output("greeting", "children"), Input("name", "value"))
        def greet(name: str) -> str:
            return f"Hello {name}"

        app.mount("/pages", WSGIMiddleware(dash.server))
