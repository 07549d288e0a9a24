using System.Buffers;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>How one message type is written to and read from the wire; knows nothing of a particular protobuf library.</summary>
/// <param name="Size">The bytes <paramref name="Write"/> will write: they are told before the message.</param>
/// <param name="Read">The sequence is only valid during the call.</param>
/// <example>For Google.Protobuf: <c>new(static m => m.CalculateSize(), static (m, w) => m.WriteTo(w), static b => Foo.Parser.ParseFrom(b))</c>.</example>
public sealed record GrpcMarshaller<T>(Func<T, int> Size, Action<T, IBufferWriter<byte>> Write, Func<ReadOnlySequence<byte>, T> Read);
