//! The partner API's statuses.

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The one of that name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

statuses! {
    /// How far a calculation is.
    CalculationStatus {
        /// Not started.
        Draft = "DRAFT",
        /// Insurers are being asked.
        InProgress = "PARTNER_CALCULATION_IN_PROGRESS",
        /// Finished, with at least one offer.
        Ready = "CALCULATION_READY",
        /// One of the offers is paid.
        Paid = "PAID",
        /// The policy is issued.
        Closed = "CLOSED",
        /// Finished, and nobody offers.
        NoneAvailable = "NO_CALCULATION_AVAILABLE",
        /// Finished, with failures only.
        Error = "CALCULATION_ERROR",
    }
}

statuses! {
    /// How far an offer is.
    OfferStatus {
        /// The insurer is about to be asked.
        Created = "CREATED",
        /// The insurer has been asked.
        PreCalcSent = "PRE_CALC_SENT",
        /// The insurer is calculating.
        PreCalcInProgress = "PRE_CALC_IN_PROGRESS",
        /// There is a price.
        PreCalcReady = "PRE_CALC_READY",
        /// The price is final.
        Approved = "APPROVED",
        /// The insurer said no.
        Rejected = "REJECTED",
        /// The payment link is there.
        PaymentReady = "PAYMENT_READY",
        /// The payment link could not be had.
        PaymentLinkFailed = "PAYMENT_LINK_FAILED",
        /// Paid.
        PaymentCompleted = "PAYMENT_COMPLETED",
        /// The payment was given up.
        PaymentCancelled = "PAYMENT_CANCELLED",
        /// The policy is issued.
        ClosedPaid = "CLOSED_PAID",
        /// Another offer of the calculation was taken.
        ClosedOtherOffer = "CLOSED_OTHER_OFFER",
        /// Nothing came in time.
        ClosedTimeout = "CLOSED_TIMEOUT",
        /// The conversation with the insurer broke.
        OfferError = "OFFER_ERROR",
    }
}
