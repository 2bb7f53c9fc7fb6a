//! `/users/account`, where links of before lead: the account is one page, the application's.

use actix_web::{HttpResponse, get};

use super::PATH;
use crate::page;

#[get("/users/account")]
pub async fn show() -> HttpResponse {
    page::moved(PATH)
}
