using System.Buffers.Binary;

namespace Flotilla.ClusterCore.Storage.Embedded.Log;

/// <summary>Reads what <see cref="LogBuffer"/> wrote. A checksum has vouched for the bytes: nonsense in them is a bug.</summary>
internal ref struct LogRecordReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> rest = payload;

    public readonly bool AtEnd => rest.IsEmpty;

    public LogRecordKind Kind()
    {
        var kind = (LogRecordKind)rest[0];
        rest = rest[1..];
        return kind;
    }

    public FileHeader Header()
    {
        if (Number() is not FileHeader.Format and var format)
        {
            throw new InvalidDataException($"the file has format {format}, this version reads {FileHeader.Format}");
        }

        var storeId = BinaryPrimitives.ReadInt64LittleEndian(rest);
        rest = rest[8..];
        return new(storeId, Number(), Number(), Number());
    }

    /// <summary>A change of a transaction.</summary>
    public KeyValue Change(long revision)
    {
        var key = Bytes();
        var version = Number();
        if (version == 0)
        {
            return new(key.ToArray(), default, 0, revision, 0, 0);
        }

        var (create, lease) = (Number(), Number());
        return Make(key, Bytes(), create, revision, version, lease);
    }

    /// <summary>A key of a snapshot.</summary>
    public KeyValue Key()
    {
        var key = Bytes();
        var (version, create, modified, lease) = (Number(), Number(), Number(), Number());
        return Make(key, Bytes(), create, modified, version, lease);
    }

    public long Number()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = rest[0];
            rest = rest[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }
    }

    private ReadOnlySpan<byte> Bytes()
    {
        var length = (int)Number();
        var bytes = rest[..length];
        rest = rest[length..];
        return bytes;
    }

    /// <summary>Key and value share one array: at a million keys every object header counts.</summary>
    private static KeyValue Make(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long create, long modified, long version, long lease)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(key.Length + value.Length);
        key.CopyTo(bytes);
        value.CopyTo(bytes.AsSpan(key.Length));
        return new(bytes.AsMemory(0, key.Length), bytes.AsMemory(key.Length), create, modified, version, lease);
    }
}
