using System.Buffers;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>How one message type is written to and read from the wire; knows nothing of a particular protobuf library.</summary>
/// <param name="Read">The sequence is only valid during the call.</param>
/// <example>For Google.Protobuf: <c>new(static (m, w) => m.WriteTo(w), static b => Foo.Parser.ParseFrom(b))</c>.</example>
public sealed record GrpcMarshaller<T>(Action<T, IBufferWriter<byte>> Write, Func<ReadOnlySequence<byte>, T> Read);
