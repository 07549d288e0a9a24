using System.Buffers.Binary;

namespace Flotilla.ClusterCore.Storage.Embedded.Log;

/// <summary>The frame of the next append, as it grows; reused from batch to batch.</summary>
internal sealed class LogBuffer
{
    private const int KeptLength = 1024 * 1024;
    private byte[] bytes = new byte[4096];
    private int count = LogFrame.HeaderLength;

    public int PayloadLength => count - LogFrame.HeaderLength;

    public bool IsEmpty => PayloadLength == 0;

    public void Clear()
    {
        count = LogFrame.HeaderLength;
        if (bytes.Length > KeptLength)
        {
            bytes = new byte[4096];
        }
    }

    /// <summary>Takes back what was written since <see cref="PayloadLength"/> was <paramref name="payloadLength"/>.</summary>
    public void Rewind(int payloadLength) => count = LogFrame.HeaderLength + payloadLength;

    public ReadOnlySpan<byte> Seal(long sequence)
    {
        var size = (int)LogFrame.Size(PayloadLength);
        Reserve(size - count);
        var frame = bytes.AsSpan(0, size);
        LogFrame.Seal(frame, PayloadLength, sequence);
        return frame;
    }

    public void WriteHeader(FileHeader header)
    {
        Write(LogRecordKind.Header);
        Write(FileHeader.Format);
        Reserve(8);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(count), header.StoreId);
        count += 8;
        Write(header.Revision);
        Write(header.Compacted);
        Write(header.FirstSequence);
    }

    public void WriteTransaction(long revision, List<KeyValue> changes)
    {
        Write(LogRecordKind.Transaction);
        Write(revision);
        Write(changes.Count);
        foreach (var change in changes)
        {
            Write(change.Key.Span);
            Write(change.Version);
            if (!change.IsTombstone)
            {
                Write(change.CreateRevision);
                Write(change.Lease);
                Write(change.Value.Span);
            }
        }
    }

    public void WriteKey(KeyValue item)
    {
        Write(LogRecordKind.Key);
        Write(item.Key.Span);
        Write(item.Version);
        Write(item.CreateRevision);
        Write(item.ModRevision);
        Write(item.Lease);
        Write(item.Value.Span);
    }

    public void WriteGrant(long id, TimeSpan timeToLive)
    {
        Write(LogRecordKind.LeaseGrant);
        Write(id);
        Write((long)timeToLive.TotalMilliseconds);
    }

    public void WriteRevoke(long id)
    {
        Write(LogRecordKind.LeaseRevoke);
        Write(id);
    }

    public void WriteCompaction(long revision)
    {
        Write(LogRecordKind.Compaction);
        Write(revision);
    }

    public void WriteEnd(long keys)
    {
        Write(LogRecordKind.End);
        Write(keys);
    }

    private void Write(LogRecordKind kind)
    {
        Reserve(1);
        bytes[count++] = (byte)kind;
    }

    /// <summary>LEB128 of the two's complement.</summary>
    private void Write(long number)
    {
        Reserve(10);
        var rest = (ulong)number;
        while (rest >= 0x80)
        {
            bytes[count++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        bytes[count++] = (byte)rest;
    }

    private void Write(ReadOnlySpan<byte> value)
    {
        Write(value.Length);
        Reserve(value.Length);
        value.CopyTo(bytes.AsSpan(count));
        count += value.Length;
    }

    private void Reserve(int length)
    {
        if (bytes.Length - count < length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, count + length));
        }
    }
}
