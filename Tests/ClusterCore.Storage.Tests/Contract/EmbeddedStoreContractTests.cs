using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Tests.Embedded;

namespace Flotilla.ClusterCore.Storage.Tests.Contract;

public sealed class EmbeddedStoreContractTests : StoreContractTests
{
    private readonly TemporaryDirectory directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        directory.Dispose();
    }

    protected override async ValueTask<IStore> OpenAsync() => await EmbeddedStore.OpenAsync(
        new() { Directory = directory.Path, HistoryAge = Timeout.InfiniteTimeSpan }, Cancellation);
}
