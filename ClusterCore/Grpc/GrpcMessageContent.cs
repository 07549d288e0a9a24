using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>A request body of exactly one message.</summary>
internal sealed class GrpcMessageContent<T> : HttpContent
{
    private readonly ArrayBufferWriter<byte> buffer;

    public GrpcMessageContent(GrpcMarshaller<T> marshaller, T message)
    {
        Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        buffer = new(GrpcFrames.PrefixLength + marshaller.Size(message));
        GrpcFrames.Write(marshaller, message, buffer);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(buffer.WrittenMemory, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = buffer.WrittenCount;
        return true;
    }
}
