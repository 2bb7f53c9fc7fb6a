//! The first step of a sign-in: e-mail address and password.

pub mod pages;

use crate::db::Db;
use crate::email_address::EmailAddress;
use crate::identity::account::password_hash::{Hashed, verify_password};
use crate::ids::AccountId;
use crate::models::account;

/// The account of that address, if the password is right. It takes as long where there is no such account.
async fn authenticate(db: &Db, email: EmailAddress, password: String) -> Hashed<Option<AccountId>> {
    let credentials = db.read(move |connection| Ok(account::credentials(connection, &email)?)).await?;
    let (account_id, hash) = credentials.map(|known| (known.account_id, known.password_hash)).unzip();
    let is_right = verify_password(password, hash).await?;
    Ok(account_id.filter(|_| is_right))
}
