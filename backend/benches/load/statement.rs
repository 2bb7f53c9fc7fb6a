//! The ceiling that reading is held against: one statement by key, through the same web server and the same pool.
//!
//! It is a process of its own, as the program is: this executable, started anew.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use datapass::db::Db;
use datapass::error::Error;
use datapass::schema::enrollments;
use diesel::prelude::*;

/// Answers `GET /{id}` with the version of that request, until the process ends.
pub async fn serve(address: SocketAddr, url: &str) -> Result<()> {
    let db = Db::open(url)?;
    let app = move || App::new().app_data(web::Data::new(db.clone())).route("/{id}", web::get().to(version));
    Ok(HttpServer::new(app).bind(address)?.run().await?)
}

async fn version(db: web::Data<Db>, id: web::Path<i64>) -> Result<HttpResponse, Error> {
    let version = enrollments::table.find(*id).select(enrollments::version);
    let version: i64 = db.read(move |connection| Ok(version.first(connection)?)).await?;
    Ok(HttpResponse::Ok().json(version))
}
