namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>One rule of admission. It refuses with a <see cref="Statuses.StatusException"/>.</summary>
internal interface IAdmissionPlugin
{
    /// <summary>Comes a second time when a webhook has changed the object after this plugin saw it.</summary>
    ValueTask MutateAsync(AdmissionRequest request) => ValueTask.CompletedTask;

    ValueTask ValidateAsync(AdmissionRequest request) => ValueTask.CompletedTask;
}

/// <summary>All plugins, in upstream's order: first every mutation, then, on the finished object, every validation.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
{
    /// <summary>Both halves, for requests that the server does nothing with in between.</summary>
    public async ValueTask AdmitAsync(AdmissionRequest request)
    {
        await MutateAsync(request);
        await ValidateAsync(request);
    }

    public async ValueTask MutateAsync(AdmissionRequest request)
    {
        foreach (var plugin in plugins) { await plugin.MutateAsync(request); }
        if (!request.WantsSecondRound) { return; }
        request.Reinvocation.Start();
        foreach (var plugin in plugins) { await plugin.MutateAsync(request); }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request)
    {
        foreach (var plugin in plugins) { await plugin.ValidateAsync(request); }
    }
}
