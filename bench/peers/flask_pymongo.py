# Flask with PyMongo, to be served by gunicorn: the kind of application that this project replaces.
import os
from datetime import datetime, timezone

from bson import ObjectId
from flask import Flask, abort, jsonify, request
from flask.json.provider import DefaultJSONProvider
from pymongo import MongoClient


class JSONProvider(DefaultJSONProvider):
    @staticmethod
    def default(value):
        return str(value) if isinstance(value, ObjectId) else DefaultJSONProvider.default(value)


app = Flask(__name__)
app.json = JSONProvider(app)
documents = MongoClient(os.environ["MONGODB_URI"]).get_default_database()["documents"]


@app.get("/")
def home():
    return f"{datetime.now(timezone.utc).isoformat()}\n", {"Content-Type": "text/plain"}


@app.get("/data")
def list_documents():
    return jsonify(list(documents.find()))


@app.get("/data/<document_id>")
def get_document(document_id):
    document = documents.find_one({"_id": ObjectId(document_id)})
    return jsonify(document) if document else abort(404)


@app.post("/data")
def insert():
    body = request.get_json()
    if isinstance(body, list):
        ids = documents.insert_many(body).inserted_ids
        return jsonify(inserted=len(ids), ids=ids), 201
    return jsonify(status="Data inserted", _id=documents.insert_one(body).inserted_id), 201
