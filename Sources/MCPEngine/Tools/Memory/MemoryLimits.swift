/// How much the memory tools take and give. Characters are Unicode scalars.
package struct MemoryLimits: Sendable, Equatable {
    /// Of one memory's content, in UTF-8 bytes.
    package var contentBytes = 1 << 20
    package var labelCharacters = 200
    package var tags = 32
    package var tagCharacters = 64
    package var queryCharacters = 4_000
    /// Of a hand-over note, measured as it is written in JSON. At most two fifths of ``resultCharacters``.
    package var handoverCharacters = 40_000
    /// Kept per owner, older ones included.
    package var versions = 1_000_000
    /// Of the excerpt in a search result.
    package var previewCharacters = 500
    /// Of the excerpt in a list.
    package var listedCharacters = 160
    package var searchResults = 50
    package var listResults = 200
    /// Of a whole result, as it is written in JSON. Clients cut off or hide what is much longer. At least 20,000.
    package var resultCharacters = 100_000

    package init() {}
}
