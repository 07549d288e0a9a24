using System.Threading.Channels;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Localization;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;

namespace Flotilla.Portal.Web.Live;

/// <summary>
/// A page that shows the fleet as it is: it reads when it opens and again after each change that concerns it. Changes that
/// come while it reads lead to one more reading, however many they are.
/// </summary>
public abstract partial class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(80);
    private const int QuietTicks = 15;

    private readonly CancellationTokenSource closed = new();
    private readonly Channel<bool> stale = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task work = Task.CompletedTask;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Inject]
    private FleetEvents Events { get; set; } = default!;

    [Inject]
    private ILoggerFactory Logs { get; set; } = default!;

    [Inject]
    protected TimeProvider Clock { get; set; } = default!;

    [Inject]
    private IStringLocalizer<Texts> Localizer { get; set; } = default!;

    protected Actor Actor { get; private set; } = default!;

    /// <summary>Cancelled when the user leaves the page.</summary>
    protected CancellationToken Closed => closed.Token;

    protected bool Loaded { get; private set; }

    /// <summary>Why the last reading failed; what was read before is still shown.</summary>
    protected string? Failure { get; private set; }

    /// <summary>Whether something on the page shows running seconds.</summary>
    protected virtual bool Ticks => false;

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closed.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    protected virtual bool Concerns(FleetEvent change) => true;

    protected override async Task OnInitializedAsync()
    {
        Actor = (await Authentication).User.ToActor();
        work = Task.WhenAll(FollowAsync(), ReadAsync(), TickAsync());
    }

    // The same page opened for something else: its parameters come from the URL.
    protected override void OnParametersSet() => Reload();

    protected void Reload() => stale.Writer.TryWrite(true);

    private async Task FollowAsync()
    {
        await foreach (var change in Events.SubscribeAsync(Closed))
        {
            if (change.Entity is FleetEntity.Everything || Concerns(change)) { Reload(); }
        }
    }

    private async Task ReadAsync()
    {
        while (await stale.Reader.WaitToReadAsync(Closed))
        {
            stale.Reader.TryRead(out _);
            await InvokeAsync(ReadOnceAsync);
            await Task.Delay(Calm, Clock, Closed);
        }
    }

    private async Task ReadOnceAsync()
    {
        try
        {
            await LoadAsync(Closed);
            (Loaded, Failure) = (true, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            ReadingFailed(Logs.CreateLogger(GetType()), exception);
            Failure = Localizer["This could not be read just now."];
        }
        StateHasChanged();
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Clock);
        for (var ticks = 1; await timer.WaitForNextTickAsync(Closed); ticks++)
        {
            if (Loaded && (Ticks || ticks % QuietTicks == 0)) { await InvokeAsync(StateHasChanged); }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page could not read what it shows")]
    private static partial void ReadingFailed(ILogger log, Exception exception);
}
