extension InMemoryStore: OfferStore {
    package func keptOffer(of upstream: String) -> KeptOffer? {
        withOffers { $0[upstream] }
    }

    package func keepOffer(_ offer: KeptOffer, of upstream: String) {
        withOffers { $0[upstream] = offer }
    }
}
