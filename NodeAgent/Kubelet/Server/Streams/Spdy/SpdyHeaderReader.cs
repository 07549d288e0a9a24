using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Server.Streams.Spdy;

/// <summary>
/// Reads the header blocks of one connection (§2.6.10): a number of pairs, then each name and each value behind its length. All blocks are
/// one zlib stream, with a dictionary. The framework's inflater takes none, so it is told the dictionary as text that came before.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int Longest = 64 << 10;
    private const byte HasDictionary = 0x20;

    private readonly MemoryStream compressed = new();
    private readonly DeflateStream inflater;
    private bool begun;

    public SpdyHeaderReader() => inflater = new(compressed, CompressionMode.Decompress);

    /// <exception cref="IOException">It is no header block.</exception>
    public IReadOnlyDictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        try
        {
            if (!begun)
            {
                begun = true;
                // RFC 1950: two bytes, and four that name the dictionary.
                block = block[((block[1] & HasDictionary) != 0 ? 6 : 2)..];
                Feed(SpdyFrames.StoredBlock(SpdyDictionary.Bytes));
                Take(SpdyDictionary.Bytes.Length);
            }

            Feed(block);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            for (var left = Number(); left > 0; left--) { headers[Text()] = Text(); }
            return headers;
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new IOException("the client's headers cannot be read", exception);
        }
    }

    public void Dispose()
    {
        inflater.Dispose();
        compressed.Dispose();
    }

    private void Feed(ReadOnlySpan<byte> more)
    {
        // A block says itself where it ends, so what of the last one is not read yet decides nothing, but belongs to the stream.
        var rest = compressed.ToArray()[(int)compressed.Position..];
        compressed.SetLength(0);
        compressed.Write(rest);
        compressed.Write(more);
        compressed.Position = 0;
    }

    private int Number() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    private string Text() => Encoding.ASCII.GetString(Take(Number()));

    private byte[] Take(int length)
    {
        if (length is < 0 or > Longest) { throw new InvalidDataException(); }
        var content = new byte[length];
        inflater.ReadExactly(content);
        return content;
    }
}
