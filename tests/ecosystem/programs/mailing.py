"""fastapi-mail: mail in the background, with a template and an uploaded file; MAIL_PORT is the server's."""

import os

from fastapi_mail import ConnectionConfig, FastMail, MessageSchema, MessageType

from fastapi import BackgroundTasks, FastAPI, File, Form, UploadFile

mail = FastMail(
    ConnectionConfig(
        MAIL_USERNAME="",
        MAIL_PASSWORD="",
        MAIL_FROM="shop@example.org",
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=int(os.environ["MAIL_PORT"]),
        MAIL_STARTTLS=False,
        MAIL_SSL_TLS=False,
        USE_CREDENTIALS=False,
        VALIDATE_CERTS=False,
    )
)
app = FastAPI()


@app.post("/send")
async def send(tasks: BackgroundTasks, to: str = Form(), file: UploadFile = File()):
    message = MessageSchema(
        subject="Your order",
        recipients=[to],
        body="<b>Thanks</b>",
        subtype=MessageType.html,
        attachments=[file],
    )
    tasks.add_task(mail.send_message, message)
    return "sent"
