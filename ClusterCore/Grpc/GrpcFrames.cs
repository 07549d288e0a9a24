using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>Length-prefixed messages: one byte of compression flag, four of length (big-endian), then the message.</summary>
internal static class GrpcFrames
{
    public const int PrefixLength = 5;

    public static void Write<T>(GrpcMarshaller<T> marshaller, T message, IBufferWriter<byte> writer)
    {
        var prefix = writer.GetSpan(PrefixLength);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)marshaller.Size(message));
        writer.Advance(PrefixLength);
        marshaller.Write(message, writer);
    }

    /// <summary>The next message, or false at the end of the stream.</summary>
    public static async ValueTask<(bool Found, T? Message)> ReadAsync<T>(
        PipeReader reader, GrpcMarshaller<T> marshaller, int maxMessageSize, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryTake(ref buffer, maxMessageSize, out var body))
            {
                var message = marshaller.Read(body);
                reader.AdvanceTo(buffer.Start);
                return (true, message);
            }

            if (result.IsCompleted)
            {
                return buffer.IsEmpty
                    ? (false, default)
                    : throw new GrpcException(GrpcStatusCode.Internal, "the stream ended inside a message");
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, int maxMessageSize, out ReadOnlySequence<byte> body)
    {
        body = default;
        if (buffer.Length < PrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, "compressed messages are not supported");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > maxMessageSize)
        {
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"received message larger than max ({length} vs. {maxMessageSize})");
        }

        if (buffer.Length - PrefixLength < length)
        {
            return false;
        }

        body = buffer.Slice(PrefixLength, length);
        buffer = buffer.Slice(PrefixLength + length);
        return true;
    }
}
