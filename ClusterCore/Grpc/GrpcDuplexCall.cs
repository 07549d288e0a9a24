using System.Buffers;
using System.Runtime.CompilerServices;

namespace Flotilla.ClusterCore.Grpc;

/// <summary>A call in which both sides stream. One writer and one reader at a time.</summary>
public sealed class GrpcDuplexCall<TRequest, TResponse> : IDisposable
{
    private readonly GrpcExchange<TResponse> exchange;
    private readonly GrpcMarshaller<TRequest> marshaller;
    private readonly GrpcStreamContent content = new();
    private readonly ArrayBufferWriter<byte> buffer = new(256);
    private readonly Task sent;

    internal GrpcDuplexCall(GrpcExchange<TResponse> exchange, HttpMessageInvoker invoker, GrpcMarshaller<TRequest> marshaller)
    {
        this.exchange = exchange;
        this.marshaller = marshaller;
        sent = SendAsync(invoker);
    }

    public async Task WriteAsync(TRequest request)
    {
        var stream = await content.Opened;
        buffer.ResetWrittenCount();
        GrpcFrames.Write(marshaller, request, buffer);
        try
        {
            await stream.WriteAsync(buffer.WrittenMemory, exchange.Stopped);
            await stream.FlushAsync(exchange.Stopped);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw GrpcStatus.FromTransport(exception) ?? exception;
        }
    }

    /// <summary>Says that no more requests come.</summary>
    public void CompleteRequests() => content.Complete();

    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await sent.WaitAsync(cancellationToken);
        while (await exchange.ReadAsync() is (true, var message))
        {
            yield return message!;
        }
    }

    public void Dispose()
    {
        exchange.Dispose();
        content.Complete();
        _ = sent.Exception; // seen: the call was ended on purpose
    }

    private async Task SendAsync(HttpMessageInvoker invoker)
    {
        try
        {
            await exchange.SendAsync(invoker, content);
        }
        catch (Exception exception)
        {
            content.Fail(exception);
            throw;
        }
    }
}
