using System.Net.WebSockets;
using Flotilla.ClusterCore.ApiServer.Pipeline;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>A watch over WebSocket, for browsers: each event is one message, of text, or of bytes when it is protobuf.</summary>
internal sealed class WatchSocket(ServerSocket socket, bool isProtobuf) : IWatchStream
{
    /// <summary>A message has its own length: that of the frame stays behind.</summary>
    private const int FrameLength = 4;
    private readonly List<byte[]> waiting = [];

    public void Write(byte[] frame) => waiting.Add(frame);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var frame in waiting)
        {
            await (isProtobuf
                ? socket.SendAsync(frame.AsMemory(FrameLength), WebSocketMessageType.Binary, cancellationToken)
                : socket.SendAsync(frame, WebSocketMessageType.Text, cancellationToken));
        }

        waiting.Clear();
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
