using System.Net.WebSockets;
using Flotilla.ClusterCore.ApiServer.Pipeline;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>A watch over WebSocket, for browsers: each event is one text message.</summary>
internal sealed class WatchSocket(ServerSocket socket) : IWatchStream
{
    private readonly List<byte[]> waiting = [];

    public void Write(byte[] frame) => waiting.Add(frame);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var frame in waiting) { await socket.SendAsync(frame, WebSocketMessageType.Text, cancellationToken); }
        waiting.Clear();
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
