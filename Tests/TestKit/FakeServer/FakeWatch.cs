using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Flotilla.TestKit.FakeServer;

/// <summary>One watch under way: what is sent comes out of the response's stream.</summary>
internal sealed class FakeWatch
{
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));

    public FakeWatch(FakePath path)
    {
        Path = path;
        Content = new StreamContent(pipe.Reader.AsStream());
    }

    public FakePath Path { get; }

    public HttpContent Content { get; }

    public void Send(string type, string value)
    {
        pipe.Writer.Write(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":{value}}}\n"));
        _ = pipe.Writer.FlushAsync().AsTask();
    }

    public void End() => pipe.Writer.Complete();
}
