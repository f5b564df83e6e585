//! Values on the wire, by the declared type of their parameter or column.

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::store::statement::Kind;
use crate::store::value::Value;

impl Kind {
    pub(super) const fn pg(self) -> Type {
        match self {
            Self::Int => Type::INT8,
            Self::Text => Type::TEXT,
            Self::Bytes => Type::BYTEA,
            Self::Json => Type::JSONB,
        }
    }

    pub(super) const fn pg_array(self) -> Type {
        match self {
            Self::Int => Type::INT8_ARRAY,
            Self::Text => Type::TEXT_ARRAY,
            Self::Bytes => Type::BYTEA_ARRAY,
            Self::Json => Type::JSONB_ARRAY,
        }
    }
}

type Boxed = Box<dyn std::error::Error + Sync + Send>;

/// The version byte in front of a JSONB value on the wire.
const JSONB_VERSION: u8 = 1;

impl ToSql for Value {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Int(number) => out.put_i64(*number),
            Self::Text(text) => out.put_slice(text.as_bytes()),
            Self::Bytes(bytes) => out.put_slice(bytes),
            Self::Json(text) => {
                out.put_u8(JSONB_VERSION);
                out.put_slice(text.as_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA | Type::JSONB)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
        Ok(match *kind {
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Int(i64::from(i32::from_sql(kind, raw)?)),
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            Type::JSONB => match raw.split_first() {
                Some((&JSONB_VERSION, text)) => {
                    Self::Json(String::from_utf8(text.to_vec())?.into())
                }
                _ => return Err("an unknown JSONB version".into()),
            },
            _ => Self::from(String::from_sql(kind, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Boxed> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        let numbers = matches!(*kind, Type::INT8 | Type::INT4);
        let texts = matches!(*kind, Type::TEXT | Type::VARCHAR | Type::NAME);
        numbers || texts || matches!(*kind, Type::BYTEA | Type::JSONB)
    }
}
