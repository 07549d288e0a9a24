namespace Flotilla.ClusterCore.Storage.Embedded.Files;

/// <summary>The directory a store lives in; the seam where tests break things.</summary>
internal interface IStoreFiles : IDisposable
{
    /// <summary>Where it is; null when only this process can reach it.</summary>
    string? Directory { get; }

    IReadOnlyList<string> List();

    bool Exists(string name);

    /// <summary>Opens for reading and writing, making the file if need be.</summary>
    IStoreFile Open(string name);

    void Delete(string name);

    /// <summary>Takes the place of a file already there.</summary>
    void Rename(string from, string to);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    void FlushDirectory();
}

internal interface IStoreFile : IDisposable
{
    long Length { get; }

    /// <returns>How many bytes were there to read.</returns>
    int Read(long offset, Span<byte> buffer);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes room on the disk up to <paramref name="length"/>, reading as zeros.</summary>
    /// <exception cref="NoSpaceException">There is no room.</exception>
    void Allocate(long length);

    void Truncate(long length);

    /// <summary>Returns when what was written is durable.</summary>
    void Flush();
}

/// <summary>The disk, or the quota on it, is full.</summary>
internal sealed class NoSpaceException(string message, Exception? innerException = null) : IOException(message, innerException);
